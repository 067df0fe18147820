import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

// As the plugin's guide begins: everything precached, the service worker registered by a script of the plugin's.
export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      registerType: "autoUpdate",
      injectRegister: "script-defer",
      manifest: { name: "Reception", short_name: "Reception", display: "standalone", start_url: "/" },
    }),
  ],
});
