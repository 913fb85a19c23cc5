import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'

/**
 * An email when the account is about to spend more in a month, and when it has. Of the whole account: a budget by tag sees
 * nothing until its payer has activated the tag. CloudFormation names it, since a change of the recipient replaces it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { monthlyBudgetUsd, alertEmail }: Configuration) {
    super(scope, id)
    const notifications = ['FORECASTED', 'ACTUAL'].map((notificationType) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold: 100 },
      subscribers: [{ subscriptionType: 'EMAIL', address: alertEmail }],
    }))
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: Number(monthlyBudgetUsd), unit: 'USD' },
      },
      notificationsWithSubscribers: notifications,
    })
  }
}
