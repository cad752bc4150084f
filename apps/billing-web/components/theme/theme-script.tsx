import { themeScript } from './theme.ts'

export function ThemeScript() {
  return <script>{themeScript}</script>
}
