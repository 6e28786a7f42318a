/** The element with this id. */
export function find<Kind extends Element = HTMLElement> (id: string): Kind {
  return document.getElementById(id) as unknown as Kind
}

/** What an element is made of: texts and other elements. Everything is written as text: what nodes say is not to be trusted. */
export type Child = Node | string

/** Creates an element. */
export function create<Name extends keyof HTMLElementTagNameMap> (
  name: Name, properties: Partial<HTMLElementTagNameMap[Name]> = {}, ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)

  return element
}

/** Creates an element of a picture. */
export function createSvg<Name extends keyof SVGElementTagNameMap> (
  name: Name, attributes: Record<string, string | number> = {}, ...children: Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  Object.entries(attributes).forEach(([key, value]) => { element.setAttribute(key, String(value)) })
  element.append(...children)

  return element
}

/** A button that calls back, and is out of use until what it began is done. */
export function button (text: string, onClick: () => void | Promise<void>): HTMLButtonElement {
  const element = create('button', { type: 'button', textContent: text })

  element.addEventListener('click', () => {
    element.disabled = true
    void Promise.resolve(onClick()).finally(() => { element.disabled = false })
  })

  return element
}

/** Replaces what an element holds, unless the key of it stays the same: focus and selection stay then too. */
export function replace (element: Element, key: string, children: () => Child[]): void {
  if ((element as HTMLElement).dataset['key'] !== key) {
    (element as HTMLElement).dataset['key'] = key
    element.replaceChildren(...children())
  }
}
