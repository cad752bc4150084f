// The responses of Google Fonts, for `NEXT_FONT_GOOGLE_MOCKED_RESPONSES`, so that no test sends requests to the internet.
const face = (family) =>
  `@font-face { font-family: '${family}'; font-weight: 100 900; src: local('sans-serif'); }`

module.exports = {
  'https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap': face('Geist'),
  'https://fonts.googleapis.com/css2?family=Geist+Mono:wght@100..900&display=swap': face('Geist Mono'),
}
