#include <stddef.h>
#include <stdint.h>

// The entry point of libFuzzer for a program that keeps its own main.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));
