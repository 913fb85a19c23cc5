/** Services whose API is JSON: their codes are names of exceptions. */
const json = new Set(['acm', 'ecr', 'ecs', 'dynamodb', 'logs', 'secretsmanager', 'ssm'])

/**
 * Code, and its status, of a refusal: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and the like
 * page of each service.
 */
export function deniedCode(service: string): [code: string, status: number] {
  if (json.has(service)) return ['AccessDeniedException', 400]
  return [service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', 403]
}
