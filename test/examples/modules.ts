// The modules of the example for Node.js, in which `vibecoin-network` is src/, as it is where the page is bundled.

import { createRequire, registerHooks } from 'node:module'
import type * as Deliveries from '../../examples/browser/deliveries.ts'
import type * as Form from '../../examples/browser/form.ts'
import type * as Payments from '../../examples/browser/payments.ts'
import type * as Rules from '../../examples/browser/rules.ts'
import type * as Wallet from '../../examples/browser/wallet.ts'

const INDEX = new URL('../../src/index.ts', import.meta.url).href
const require = createRequire(import.meta.url)

registerHooks({ resolve: (specifier, context, next) => next(specifier === 'vibecoin-network' ? INDEX : specifier, context) })

export const deliveries = require('../../examples/browser/deliveries.ts') as typeof Deliveries
export const form = require('../../examples/browser/form.ts') as typeof Form
export const payments = require('../../examples/browser/payments.ts') as typeof Payments
export const rules = require('../../examples/browser/rules.ts') as typeof Rules
export const wallet = require('../../examples/browser/wallet.ts') as typeof Wallet
