// Chromium calls the language of a system with LANG=C "en-US@posix", which is no language tag. uPlot hands it to `Intl` when it is
// loaded, and throws. So this file is imported before it.
try {
  Intl.getCanonicalLocales(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' })
}
