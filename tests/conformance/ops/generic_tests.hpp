// The tests that every op of ops.def gets, made from its suite; generic_tests.cpp names them.
#pragma once

#include "framework/context.hpp"
#include "ops/op_suite.hpp"

namespace tenon::conformance {

// At most `count` of the cases, spread over the list, in its order.
Cases spread(Cases cases, size_t count);
Cases without_quantised(Cases cases);
Cases only_quantised(Cases cases);

// generic_values.cpp
void values(Context& context, const OpSuite& suite);
void quantised_values(Context& context, const OpSuite& suite);
void random(Context& context, const OpSuite& suite);
void zero_rows(Context& context, const OpSuite& suite);
void strided(Context& context, const OpSuite& suite);
void operands_untouched(Context& context, const OpSuite& suite);
void offsets(Context& context, const OpSuite& suite);
void aliases(Context& context, const OpSuite& suite);
void workspace_content(Context& context, const OpSuite& suite);
void not_read(Context& context, const OpSuite& suite);
void written_as_zero(Context& context, const OpSuite& suite);
void ties(Context& context, const OpSuite& suite);
void bad_index_stays_inside(Context& context, const OpSuite& suite);

// generic_query.cpp
void query_ignores_buffers(Context& context, const OpSuite& suite);
void unsupported_is_sentence(Context& context, const OpSuite& suite);
void estimate_is_constant(Context& context, const OpSuite& suite);
void enqueue_of_unsupported_refused(Context& context, const OpSuite& suite);
void unknown_tail(Context& context, const OpSuite& suite);

// generic_streams.cpp
void arguments_copied(Context& context, const OpSuite& suite);
void out_node(Context& context, const OpSuite& suite);
void prefetch_changes_nothing(Context& context, const OpSuite& suite);
void captured_equals_eager(Context& context, const OpSuite& suite);

}  // namespace tenon::conformance
