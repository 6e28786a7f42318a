/** Web pages listen nowhere: nothing is told of the families that they have. */
export function interfaceFamilies (): ReadonlySet<'ip4' | 'ip6'> {
  return new Set()
}

/** The addresses of this machine's network interfaces: a web page does not know them. */
export function interfaceAddresses (): string[] {
  return []
}
