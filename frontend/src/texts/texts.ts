import type { en } from './en.ts'

export type Texts = typeof en
