import type { Command } from '../../../backend/src/types/protocol.ts'

type Bare<Each> = Each extends Command ? Omit<Each, 'type' | 'id' | 'version'> : never

/** A command of the host, before it gets its id and the version that the host saw. */
export type Wanted = Bare<Command>
