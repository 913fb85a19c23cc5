import { Table } from 'aws-cdk-lib/aws-dynamodb'
import { CfnOutput, PermissionsBoundary, Stack } from 'aws-cdk-lib/core'
import type { Construct, IDependable } from 'constructs'
import { tagsOf } from '../../lib/environment/environments.mts'
import type { StackOutputs } from '../../lib/stack/stack.mts'
import { MonthlyBudget } from './budget.ts'
import { CdnOnly } from './cdn-only.ts'
import { Compute } from './compute.ts'
import type { Configuration } from './configuration.ts'
import { Data } from './data.ts'
import { LoadBalancer } from './load-balancer.ts'
import { LogBucket } from './log-bucket.ts'
import { Monitoring } from './monitoring.ts'
import { Network } from './network.ts'
import { OriginSecret } from './origin-secret.ts'
import { SiteBucket } from './site-bucket.ts'
import { Site } from './site.ts'
import { TaskRoles } from './task-roles.ts'

/**
 * Everything of one environment that lives long. Task definitions and the service are the backend stage's, the objects
 * in the site bucket the frontend stage's: a `cdk deploy` can therefore neither put an old image back nor reset the
 * number of tasks.
 */
export class LiveQuizStack extends Stack {
  constructor(scope: Construct, configuration: Configuration) {
    const { domain, names, privateLoadBalancer, productionLike, keepsLogs, flowLogs } = configuration
    const { terminationProtection, permissionsBoundary, restoredTable } = configuration
    super(scope, names.stack, {
      description: `Live Quiz Event System, ${names.environment}`,
      tags: tagsOf(names),
      terminationProtection,
      ...(permissionsBoundary && { permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundary) }),
    })
    const network = new Network(this, 'Network', configuration)
    const { loadBalancer, targetGroup, listener } = new LoadBalancer(this, 'LoadBalancing', configuration, network)
    const { logGroup } = new Compute(this, 'Compute', configuration, network)
    const { applicationTable, ledgerTable, adminSecret } = new Data(this, 'Data', configuration)
    const { taskRole, executionRole } = new TaskRoles(this, 'TaskRoles', configuration, {
      applicationTable,
      adminSecret,
      logGroup,
    })
    const logBucket = keepsLogs ? new LogBucket(this, 'AccessLogs') : undefined
    logBucket?.takeLogsOf(loadBalancer)
    if (flowLogs) logBucket?.takeFlowLogsOf(network.vpc)
    const siteBucket = new SiteBucket(this, 'SiteFiles', configuration)
    const { bucket } = siteBucket
    const originSecret = privateLoadBalancer ? undefined : new OriginSecret(this, 'OriginSecret', configuration)
    const site = new Site(this, 'Site', configuration, { bucket, loadBalancer, originSecret, logBucket })
    const { distribution } = site
    const watching: IDependable[] = []
    let deploymentAlarms: string[] = []
    // `make restore` makes them: no resource of the stack, and known by name only
    const tableInUse = restoredTable ? Table.fromTableName(this, 'RestoredTable', restoredTable) : applicationTable
    if (productionLike) {
      const tables = { application: tableInUse, ledger: ledgerTable }
      const watched = { names, loadBalancer, targetGroup, distribution, tables, logGroup }
      const monitoring = new Monitoring(this, 'Monitoring', configuration, watched)
      watching.push(monitoring)
      deploymentAlarms = monitoring.deploymentAlarms.map(({ alarmName }) => alarmName)
    }
    if (configuration.monthlyBudgetUsd) new MonthlyBudget(this, 'MonthlyBudget', configuration)
    if (originSecret) {
      // last, since an update that failed after it would take the secret from the CDN before it takes this back
      new CdnOnly(this, 'CdnOnly', { listener, targetGroup, originSecret, before: [siteBucket, site, ...watching] })
    }

    const outputs = {
      LoadBalancerDnsName: loadBalancer.loadBalancerDnsName,
      DistributionDomainName: distribution.distributionDomainName,
      DistributionId: distribution.distributionId,
      SiteBucketName: bucket.bucketName,
      TargetGroupArn: targetGroup.targetGroupArn,
      TaskSubnetIds: network.taskSubnets.map((subnet) => subnet.subnetId).join(','),
      TaskSecurityGroupId: network.taskSecurityGroup.securityGroupId,
      TaskExecutionRoleArn: executionRole.roleArn,
      TaskRoleArn: taskRole.roleArn,
      ApplicationTableName: applicationTable.tableName,
      RestoredTablePrefix: names.restoredTablePrefix,
      ...(productionLike && { WatchedTableName: tableInUse.tableName }),
      LedgerTableName: ledgerTable.tableName,
      AdminSecretArn: adminSecret.secretArn,
      ...(domain && { SiteDomainName: domain.name }),
      ...(logBucket && { LogBucketName: logBucket.bucket.bucketName }),
      ...(deploymentAlarms.length > 0 && { DeploymentAlarmNames: deploymentAlarms.join(',') }),
    } satisfies StackOutputs
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value })
  }
}
