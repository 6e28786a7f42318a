/** The addresses of this machine's network interfaces: a web page does not know them. */
export function interfaceAddresses (): string[] {
  return []
}
