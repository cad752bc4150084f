export { default } from '../../open/page.jsx'
