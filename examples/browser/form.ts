import { fromHex } from './hex.ts'
import { ADDRESS_BYTES } from './rules.ts'

/** What the form asks for, checked. */
export interface PaymentOrder { recipient: Uint8Array, value: bigint }

/** What is wrong with the form, for people, and with which field. */
export interface FormProblem { field: 'recipient' | 'value', text: string }

/** The largest amount that a transaction can hold. */
const MAX_VALUE = 2n ** 64n - 1n

/** Reads what was filled in, or says what is wrong with it. */
export function readForm ({ recipient, value }: { recipient: string, value: string }): PaymentOrder | FormProblem {
  const address = recipient.replace(/\s/g, '')
  const amount = value.trim()
  const problem = problemOfAddress(address)

  if (problem != null) {
    return { field: 'recipient', text: problem }
  }

  if (!/^\d{1,20}$/.test(amount) || BigInt(amount) < 1n || BigInt(amount) > MAX_VALUE) {
    return { field: 'value', text: amount === '' ? 'Fill in an amount.' : 'An amount is a whole number from 1 on, without signs.' }
  }

  return { recipient: fromHex(address), value: BigInt(amount) }
}

function problemOfAddress (address: string): string | undefined {
  const digits = 2 * ADDRESS_BYTES

  if (address === '') {
    return 'Fill in the address of the recipient.'
  }

  if (/[^0-9a-f]/i.test(address)) {
    return 'An address has the digits 0 to 9 and a to f only.'
  }

  return address.length === digits ? undefined : `An address has ${digits} digits, and this has ${address.length}.`
}
