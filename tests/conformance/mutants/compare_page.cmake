# The committed page is what the program prints.
execute_process(COMMAND "${PROGRAM}" --page OUTPUT_VARIABLE printed RESULT_VARIABLE code)
file(READ "${PAGE}" committed)
if(NOT code EQUAL 0 OR NOT printed STREQUAL committed)
  message(FATAL_ERROR "${PAGE} is not current; expected the output of tenon-mutants --page")
endif()
