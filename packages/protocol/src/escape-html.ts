/** Returns a text as HTML, for between tags and for attributes in quotes. Not for the inside of `<script>` and `<style>`. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
