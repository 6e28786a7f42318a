// A rejection that nobody handles is a bug of the product: it fails the run instead of being printed.
process.on('unhandledRejection', (err) => { throw err })
