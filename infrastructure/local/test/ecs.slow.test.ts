import { openWorld } from './ecs/service.ts'

/*
 * ECS as the real aws and docker see it. The parts share one world, which takes longer to start than most of their tests;
 * each makes a service of its own, and removes it.
 */
await openWorld()
await import('./ecs/life.ts')
await import('./ecs/deployments.ts')
await import('./ecs/rollouts.ts')
await import('./ecs/health.ts')
