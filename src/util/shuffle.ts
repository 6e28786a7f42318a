/** Puts items into a random order, in place. `random` gives numbers from 0 to less than 1. */
export function shuffle<Item> (items: Item[], random: () => number): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1))
    const item = items[chosen]!
    items[chosen] = items[last]!
    items[last] = item
  }

  return items
}
