import {
  type ApplicationListener,
  ApplicationListenerRule,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Construct, type IDependable } from 'constructs'
import type { OriginSecret } from './origin-secret.ts'

interface Parts {
  listener: ApplicationListener
  targetGroup: ApplicationTargetGroup
  originSecret: OriginSecret
  /** What must be deployed before anything is refused: the CDN, which shows the secret, and all that may fail beside it. */
  before: IDependable[]
}

/**
 * Who reaches the tasks through the public load balancer: the CDN; and anybody at `/health` and at exactly `/`, where the
 * backend opens a diagnostic socket, for the documented `curl http://ALB_URL/health` and `wscat -c ws://ALB_URL`.
 *
 * What is left gets a 404 from a last rule. As the listener's default action it would come too early: CloudFormation
 * updates a listener before it makes its rules, and an environment that was deployed without them would be cut off
 * meanwhile. The last rule waits until every edge of the CDN shows the secret.
 */
export class CdnOnly extends Construct {
  constructor(scope: Construct, id: string, { listener, targetGroup, originSecret, before }: Parts) {
    super(scope, id)
    const forward = ListenerAction.forward([targetGroup])
    const allowed = {
      Health: ListenerCondition.pathPatterns(['/health']),
      Diagnosis: ListenerCondition.pathPatterns(['/']),
      Cdn: ListenerCondition.httpHeader(originSecret.header, [originSecret.value]),
    }
    const rules = Object.entries(allowed).map(
      ([name, condition], index) =>
        new ApplicationListenerRule(this, name, {
          listener,
          priority: index + 1,
          conditions: [condition],
          action: forward,
        }),
    )
    const others = new ApplicationListenerRule(this, 'Others', {
      listener,
      // the greatest that there is: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
      priority: 50_000,
      conditions: [ListenerCondition.pathPatterns(['/*'])],
      action: ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: JSON.stringify({ error: { code: 'not_found', message: 'nothing is here' } }),
      }),
    })
    others.node.addDependency(...rules, ...before)
  }
}
