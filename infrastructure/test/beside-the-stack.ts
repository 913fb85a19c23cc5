import { CfnRepository } from 'aws-cdk-lib/aws-ecr'
import { CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs'
import { Stack, Validations } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { environmentNames, type Environment } from '../../lib/environment/environments.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { lifecyclePolicy, tagMutability } from '../../lib/image/repository.mts'
import { serviceSettings } from '../../lib/service/service.mts'
import { taskDefinition } from '../../lib/service/task-definition.mts'
import { outputKeys, type StackOutputs } from '../../lib/stack/stack.mts'

/**
 * What the toolkit makes beside the stack, as it would stand in a template: repository, task definition and service,
 * from the functions that the deployment calls. So the rules of a template judge them too.
 */
export function besideTheStack(scope: Construct, environment: Environment): Stack {
  const stack = new Stack(scope, 'BesideTheStack')
  const target = { names: environmentNames(environment), settings: readSettings(environment), region: 'us-east-1' }
  const outputs: StackOutputs = {
    ...(Object.fromEntries(outputKeys.map((key) => [key, `the-${key}`])) as StackOutputs),
    // the rules know the form of these
    TaskSubnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
    TaskSecurityGroupId: 'sg-0123456789abcdef0',
    TaskRoleArn: 'arn:aws:iam::123456789012:role/live-quiz-task',
    TaskExecutionRoleArn: 'arn:aws:iam::123456789012:role/live-quiz-task-execution',
    DeploymentAlarmNames: 'errors,slow',
  }
  new CfnRepository(stack, 'Repository', {
    repositoryName: target.names.repository,
    imageScanningConfiguration: { scanOnPush: true },
    lifecyclePolicy: { lifecyclePolicyText: JSON.stringify(lifecyclePolicy) },
    imageTagMutability: tagMutability.imageTagMutability,
    imageTagMutabilityExclusionFilters: tagMutability.imageTagMutabilityExclusionFilters.map(
      ({ filterType, filter }) => ({
        imageTagMutabilityExclusionFilterType: filterType,
        imageTagMutabilityExclusionFilterValue: filter,
      }),
    ),
  })
  const image = `${target.names.repository}@sha256:${'0'.repeat(64)}`
  const definition = taskDefinition(target, outputs, { image, platform: 'linux/amd64', release: 'one' })
  const task = new CfnTaskDefinition(stack, 'TaskDefinition', definition)
  const { enableECSManagedTags, ...settings } = serviceSettings(target, outputs)
  new CfnService(stack, 'Service', {
    ...settings,
    enableEcsManagedTags: enableECSManagedTags,
    launchType: 'FARGATE',
    desiredCount: Number(target.settings.TASK_COUNT),
    taskDefinition: task.ref,
  })
  Validations.of(task).acknowledge({
    id: 'AwsSolutions-ECS2',
    reason: 'The variables are settings and names of resources; the one secret is read from Secrets Manager',
  })
  return stack
}
