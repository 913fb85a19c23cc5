/* What the tests of other workspaces need of the local AWS, in addition to connection.ts. */
export { exclusively } from './cli/lock.mts'
export { canInstall, installPackages } from './cli/debian.mts'
export { binDirectory, provide, provideVirtualenvOnce, python, type Virtualenv } from './cli/virtualenv.mts'
export type { LoggedCall } from './gateway/call-log.ts'
export { startMoto, type Moto } from './moto.ts'
export { faultKinds } from './gateway/fault-rules.ts'
