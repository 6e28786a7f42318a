/** What tells one finding from another: the error, and where it came from, without the values that it was about. */
export function signatureOf (error: Error): string {
  const [title = ''] = error.message.split('\n')
  const location = /\/(src|test)\/[^\s)]+/.exec(error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '')

  return `${error.name}: ${title.replace(/\d+/g, '0').slice(0, 120)} at ${location?.[0] ?? 'an unknown place'}`
}
