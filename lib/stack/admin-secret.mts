import { read } from '../script/shell.mts'

/** The admin secret: no output of ours shows it. */
export async function readAdminSecret(arn: string): Promise<string> {
  const { SecretString } = await read<{
    SecretString: string
  }>({ secret: true })`aws secretsmanager get-secret-value --secret-id ${arn}`
  return SecretString
}
