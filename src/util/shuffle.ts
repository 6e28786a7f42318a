/** Puts them into a random order, in place: nobody can tell who is sent an item first. */
export function shuffle<Item> (items: Item[]): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = Math.floor(Math.random() * (last + 1))
    const item = items[chosen]!
    items[chosen] = items[last]!
    items[last] = item
  }

  return items
}
