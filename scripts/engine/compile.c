/* Compiles modules to bytecode, as the host reads it: `compile FROM TO`, file by file, all in the
 * order of the arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "quickjs.h"

static char *read_all(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return NULL;
  *length = ftell(file);
  rewind(file);
  char *text = malloc(*length + 1);
  if (text == NULL || fread(text, 1, *length, file) != *length) return NULL;
  text[*length] = '\0';
  fclose(file);
  return text;
}

static JSModuleDef *no_import(JSContext *ctx, const char *name, void *opaque) {
  return JS_NewCModule(ctx, name, NULL);
}

int main(int argc, char **argv) {
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *ctx = JS_NewContext(runtime);
  JS_SetModuleLoaderFunc(runtime, NULL, no_import, NULL);
  for (int i = 1; i + 2 < argc; i += 3) {
    size_t length;
    char *text = read_all(argv[i], &length);
    if (text == NULL) return perror(argv[i]), 1;
    JSValue module = JS_Eval(ctx, text, length, argv[i + 1], JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    uint8_t *bytes = NULL;
    if (!JS_IsException(module)) bytes = JS_WriteObject(ctx, &length, module, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    if (bytes == NULL) {
      const char *message = JS_ToCString(ctx, JS_GetException(ctx));
      return fprintf(stderr, "%s: %s\n", argv[i], message), 1;
    }
    /* No checksum (it follows the version), which each start would have to verify: the bytecode
     * is linked into the file that reads it. */
    memset(bytes + 1, 0xff, sizeof(uint32_t));
    FILE *file = fopen(argv[i + 2], "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) return perror(argv[i + 2]), 1;
  }
  return 0;
}
