import { type Action, AwsError, type Input } from '../gateway/room.ts'
import { type ElbModel, type TargetGroup, targetGroupOf } from './model.ts'
import type { TargetAddress, TargetHealth, Targets } from './targets.ts'

/** The ELBv2 API, as far as the toolkit and the documents call it. */
export function createActions(model: ElbModel, targets: Targets): Record<string, Action> {
  return {
    DescribeTargetHealth(input) {
      const targetGroup = targetGroupOf(model, required(input, 'TargetGroupArn'))
      const all = targets.health(targetGroup.arn)
      const requested = targetsIn(input, targetGroup)
      const found = requested.map((target) => all.find((each) => isSame(each, target)) ?? absent(target))
      const shown = requested.length > 0 ? found : all
      return { TargetHealthDescriptions: shown.map(describeHealth) }
    },
  }
}

function required(input: Input, name: string): string {
  const value = input[name]
  if (typeof value !== 'string' || value === '') {
    throw new AwsError('ValidationError', `1 validation error detected: '${name}' must not be null`)
  }
  return value
}

function targetsIn(input: Input, { port }: TargetGroup): TargetAddress[] {
  const list = (input['Targets'] ?? []) as { Id: string; Port?: string }[]
  return list.map((target) => ({ id: target.Id, port: Number(target.Port ?? port) }))
}

function describeHealth({ id, port, state, reason, description }: TargetHealth) {
  return {
    Target: { Id: id, Port: port },
    HealthCheckPort: port,
    TargetHealth: { State: state, Reason: reason, Description: description },
  }
}

function absent(target: TargetAddress): TargetHealth {
  const description = 'Target is not registered to the target group'
  return { ...target, state: 'unused', reason: 'Target.NotRegistered', description }
}

function isSame(one: TargetAddress, other: TargetAddress): boolean {
  return one.id === other.id && one.port === other.port
}
