import { multiaddr } from '@multiformats/multiaddr'

/** The first bits of the addresses of a block. */
interface Block { name: string, prefix: number[], bits: number }

/** IPv4 addresses that are not of the public internet (RFC 1918, 2544, 3927, 5735, 6598). */
const IP4_BLOCKS: readonly Block[] = [
  { name: 'none', prefix: [0], bits: 8 },
  { name: 'loopback', prefix: [127], bits: 8 },
  { name: '10.0.0.0/8', prefix: [10], bits: 8 },
  { name: '100.64.0.0/10', prefix: [100, 64], bits: 10 },
  { name: '169.254.0.0/16', prefix: [169, 254], bits: 16 },
  { name: '172.16.0.0/12', prefix: [172, 16], bits: 12 },
  { name: '192.168.0.0/16', prefix: [192, 168], bits: 16 },
  { name: '198.18.0.0/15', prefix: [198, 18], bits: 15 },
  // multicast, reserved and broadcast
  { name: 'none', prefix: [224], bits: 3 }
]

const ZEROS_10: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

/** An IPv4 address in its usual form: each number is at most 255 and has no leading zeros. */
const IP4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** IPv6 addresses that hold an IPv4 one in their last four bytes (RFC 4291, 6052). */
const IP4_IN_IP6: readonly Block[] = [
  { name: 'mapped', prefix: [...ZEROS_10, 0xff, 0xff], bits: 96 },
  { name: 'translated', prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], bits: 96 }
]

/** IPv6 addresses that are not of the public internet (RFC 4193, 4291). */
const IP6_BLOCKS: readonly Block[] = [
  { name: 'loopback', prefix: [...ZEROS_10, 0, 0, 0, 0, 0, 1], bits: 128 },
  // unspecified, and IPv4 addresses in a form that is obsolete
  { name: 'none', prefix: [...ZEROS_10, 0, 0], bits: 96 },
  { name: 'fc00::/7', prefix: [0xfc], bits: 7 },
  { name: 'fe80::/10', prefix: [0xfe, 0x80], bits: 10 },
  { name: 'none', prefix: [0xff], bits: 8 }
]

/**
 * The block of an IP address: `public`, `loopback`, or one of those that every local network may use. `undefined` for an address that no
 * single machine has, and for what is not one.
 */
export function ipBlockOf (ip: string): string | undefined {
  const bytes = ipBytesOf(ip)

  return bytes == null ? undefined : blockOf(bytes)
}

/** The bytes of an IP address: 4 also for an IPv4 address in IPv6 form. `undefined` for what is not one. */
export function ipBytesOf (ip: string): Uint8Array | undefined {
  if (ip.includes('/')) {
    return undefined
  }

  if (IP4.test(ip)) {
    return Uint8Array.from(ip.split('.'), Number)
  }

  try {
    // the first byte is the code of the protocol
    const bytes = multiaddr(ip.includes(':') ? `/ip6/${ip}` : `/ip4/${ip}`).bytes.subarray(1)

    return bytes.byteLength === 16 && IP4_IN_IP6.some((block) => isIn(bytes, block)) ? bytes.subarray(12) : bytes
  } catch {
    return undefined
  }
}

function blockOf (bytes: Uint8Array): string | undefined {
  const block = (bytes.byteLength === 4 ? IP4_BLOCKS : IP6_BLOCKS).find((block) => isIn(bytes, block))

  return block?.name === 'none' ? undefined : block?.name ?? 'public'
}

function isIn (bytes: Uint8Array, { prefix, bits }: Block): boolean {
  return prefix.every((byte, i) => {
    const mask = 0xff << Math.max(0, 8 * (i + 1) - bits)

    return ((bytes[i] ?? 0) & mask & 0xff) === (byte & mask & 0xff)
  })
}
