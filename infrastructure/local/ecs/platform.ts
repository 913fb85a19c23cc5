import type { Ecr } from '../ecr/room.ts'
import type { Targets } from '../elb/targets.ts'
import type { AwsClients } from './aws-clients.ts'
import type { Engine } from './engine.ts'

/** What tasks run on. */
export interface Platform {
  engine: Engine
  ecr: Pick<Ecr, 'findImage' | 'issuePassword'>
  targets: Targets
  clients: AwsClients
  /** The gateway, as this process reaches it, and as a container does. */
  endpoint: string
  taskEndpoint: string
  containerPrefix: string
  label: readonly [name: string, value: string]
  /** Milliseconds that a task is PROVISIONING. */
  provisioning: number
  /** Aborted when the local AWS shuts down: nothing is waited for then. */
  closing: AbortSignal
  /** Images that were pulled. */
  pulled: Set<string>
}
