import DefaultTheme from 'vitepress/theme-without-fonts';
import type { Theme } from 'vitepress';
import { defineAsyncComponent } from 'vue';
import Explorer from './components/Explorer.vue';
import './style.css';
import './bytes.css';
import './illustrated.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Explorer', Explorer);
    app.component(
      'Exercise',
      defineAsyncComponent(() => import('./components/Exercise.vue')),
    );
    app.component(
      'Validator',
      defineAsyncComponent(() => import('./components/Validator.vue')),
    );
    app.component(
      'Illustrated',
      defineAsyncComponent(() => import('./components/Illustrated.vue')),
    );
    app.component(
      'Picture',
      defineAsyncComponent(() => import('./components/Picture.vue')),
    );
    app.component(
      'Decoder',
      defineAsyncComponent(() => import('./components/Decoder.vue')),
    );
  },
} satisfies Theme;
