import type { Bandwidth, Limits, RateLimits } from '../types/limits.ts'

/** What one peer may send; what is left away has its default. `{ perSecond: Infinity, burst: Infinity }` means no limit. */
export type RateLimitOptions = { readonly [Kind in keyof RateLimits]?: RateLimits[Kind] | undefined }

/** What may pass in a second, in bytes from 1024 (1 KiB); what is left away is not capped. */
export type BandwidthOptions = { readonly [Name in keyof Bandwidth]?: number | undefined }

/** Bounds of single parts; what is left away has its default. */
export type LimitOptions = { readonly [Name in keyof Limits]?: number | undefined }
