export { default } from '../../../../next-pages/app/open/page.jsx'
