import type { MessageType } from './message.ts'

/** Messages and their bytes, by type. */
export type TrafficByType = Partial<Record<MessageType | 'unknown', { messages: number, bytes: number }>>
