import { names, type World } from './world.mts'

interface Interference {
  title: string
  /** What the run says just before. */
  moment: RegExp
  interfere(world: World): Promise<unknown>
  /** Verdicts that are right. */
  exitCodes: number[]
  /** What has to be put right by hand before the next run can. */
  undo?(world: World): Promise<unknown>
}

const { cluster, service, repository } = names
const inCluster = ['--cluster', cluster, '--service', service]
const updated = /\$ aws ecs update-service/
const waiting = /▸ 9\. /
const running = /rollout|running/

/** What another person, or another tool, does to the service while our deployment is under way. */
export const interferences: Interference[] = [
  {
    title: 'another deployment of the previous revision',
    // ours has been accepted: theirs is the newer one
    moment: waiting,
    interfere: async (world) =>
      world.aws(
        'ecs',
        'update-service',
        ...inCluster,
        '--task-definition',
        await previousRevision(world),
        '--force-new-deployment',
      ),
    exitCodes: [4],
  },
  {
    title: 'no task is wanted any more',
    moment: updated,
    interfere: (world) => world.aws('ecs', 'update-service', ...inCluster, '--desired-count', '0'),
    exitCodes: [1],
    undo: (world) => world.run(['./deploy/scale.mts', 'local', '1']),
  },
  {
    title: 'the service is deleted',
    moment: running,
    interfere: (world) => world.aws('ecs', 'delete-service', ...inCluster, '--force'),
    exitCodes: [1],
    undo: (world) => world.runThere(`aws ecs wait services-inactive --cluster ${cluster} --services ${service}`),
  },
  {
    title: 'latest names another image',
    moment: updated,
    interfere: async (world) => {
      const tagged = await world.aws(
        'ecr',
        'batch-get-image',
        '--repository-name',
        repository,
        '--image-ids',
        'imageTag=latest',
      )
      const { imageManifest, imageId } = tagged.images[0]
      await world.aws('ecr', 'batch-delete-image', '--repository-name', repository, '--image-ids', 'imageTag=latest')
      return world.aws(
        'ecr',
        'put-image',
        '--repository-name',
        repository,
        '--image-tag',
        `mine-${imageId.imageDigest.slice(7, 15)}`,
        '--image-manifest',
        imageManifest,
      )
    },
    exitCodes: [0],
  },
  {
    title: 'the new revision is deregistered',
    moment: running,
    interfere: async (world) => {
      const { services } = await world.aws('ecs', 'describe-services', '--cluster', cluster, '--services', service)
      return world.aws('ecs', 'deregister-task-definition', '--task-definition', services[0].taskDefinition)
    },
    exitCodes: [0],
  },
  {
    title: 'the site is synced by hand',
    moment: updated,
    interfere: (world) =>
      world.runThere(
        `npm run build:frontend && aws s3 sync frontend/dist s3://${world.bucket} --exclude index.html --cache-control max-age=31536000`,
      ),
    exitCodes: [0],
  },
]

async function previousRevision(world: World): Promise<string> {
  const { services } = await world.aws('ecs', 'describe-services', '--cluster', cluster, '--services', service)
  const [family, number] = services[0].taskDefinition.split('/').at(-1).split(':')
  return `${family}:${Number(number) - 1}`
}
