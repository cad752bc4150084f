export { default } from '../../guarded/page.jsx'
