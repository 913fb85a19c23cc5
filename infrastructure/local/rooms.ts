import { createCloudFormation } from './cloudformation/room.ts'
import { createCloudFront } from './cloudfront/room.ts'
import { cloudTrail } from './cloudtrail/room.ts'
import { createEcr } from './ecr/room.ts'
import { createEcs, type EcsOptions } from './ecs/room.ts'
import { createElb } from './elb/room.ts'
import type { Room } from './gateway/room.ts'
import { motoEndpoint, port } from './settings.ts'

interface RoomsOptions {
  /** Where image layers are kept; emptied at the start. */
  imageDirectory: string
  /** Address of Docker's bridge, at which containers reach the gateway. */
  bridge: string
  containers?: Pick<EcsOptions, 'containerPrefix'>
}

/** Every service that is answered here, each knowing those that it works with. moto must be there. */
export function openRooms({ imageDirectory, bridge, containers }: RoomsOptions) {
  const ecr = createEcr({ directory: imageDirectory })
  const elb = createElb()
  const ecs = createEcs({ ecr, targets: elb.targets, taskEndpoint: `http://${bridge}:${port}`, ...containers })
  const cloudFront = createCloudFront({ s3Endpoint: motoEndpoint, portOf: elb.portOf })
  const resourceTypes = {
    ...cloudFront.resourceTypes,
    ...ecr.resourceTypes,
    ...ecs.resourceTypes,
    ...elb.resourceTypes,
  }
  const cloudFormation = createCloudFormation({ resourceTypes, motoEndpoint })
  const all: Room[] = [cloudFormation.room, cloudFront.room, cloudTrail, ecr.room, ecs.room, elb.room]
  return {
    ecr,
    elb,
    ecs,
    cloudFront,
    cloudFormation,
    all,
    /** Waits for stacks under way, then stops tasks, load balancers and distributions. */
    async close() {
      for (const room of [cloudFormation, ecs, elb, cloudFront]) await room.close()
    },
  }
}
