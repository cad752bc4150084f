/** Escapes a text for HTML content and quoted attributes. Do not use it inside `<script>` or `<style>`. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
