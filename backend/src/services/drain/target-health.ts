import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'

/** Answers how the load balancer sees this task; rejects when nobody answers within 2 seconds. */
export type AskTargetHealth = () => Promise<string>

interface Place {
  region: string
  targetGroupArn: string
  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html */
  metadataUri: string
  port: number
}

const patience = 2_000

/**
 * How the load balancer sees this task: `initial`, `healthy`, `unhealthy`, `draining`, or `unused` when it is not
 * registered. The endpoint and the credentials come from the environment, as the SDK documents them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export function createTargetHealth({ region, targetGroupArn, metadataUri, port }: Place): AskTargetHealth {
  let client: ElasticLoadBalancingV2Client | undefined
  let address: string | undefined

  return async () => {
    // only a task behind a load balancer needs it
    const { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } =
      await import('@aws-sdk/client-elastic-load-balancing-v2')
    client ??= new ElasticLoadBalancingV2Client({ region, maxAttempts: 1 })
    address ??= await readAddress(metadataUri)
    const { TargetHealthDescriptions } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: address, Port: port }] }),
      { abortSignal: AbortSignal.timeout(patience) },
    )
    const state = TargetHealthDescriptions?.[0]?.TargetHealth?.State
    if (!state) throw new Error('the load balancer says nothing of this task')
    return state
  }
}

/** The task's own address: the one that ECS registers. */
async function readAddress(metadataUri: string): Promise<string> {
  const answer = await fetch(metadataUri, { signal: AbortSignal.timeout(patience) })
  if (!answer.ok) throw new Error(`the task metadata endpoint answers ${answer.status}`)
  const { Networks } = (await answer.json()) as { Networks?: { IPv4Addresses?: string[] }[] }
  const address = Networks?.[0]?.IPv4Addresses?.[0]
  if (!address) throw new Error('the task metadata endpoint names no address')
  return address
}
