/** From where an address makes sense: on the same machine, on the same link, in the same local network, or anywhere. */
export type AddressScope = 'loopback' | 'link' | 'private' | 'public'
