import { AwsError } from '../gateway/room.ts'

/** ECS's refusals. Codes and texts: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and the actions' own pages. */
export const clusterNotFound = () => new AwsError('ClusterNotFoundException', 'Cluster not found.')
export const serviceNotFound = () => new AwsError('ServiceNotFoundException', 'Service not found.')
export const serviceNotActive = () => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
export const clientError = (message: string) => new AwsError('ClientException', message)
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)
