using Ledgerfold.Storage.Reading;
using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Storage.Tests.Conformance;

// One segment, and segments so small that most appends roll: what holds in memory must hold across files and runs.

public sealed class Appending_to_streams_embedded() : Appending_to_streams(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Behaving_like_the_model_embedded() : Behaving_like_the_model(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Checking_in_order_embedded() : Checking_in_order(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Closing_streams_embedded() : Closing_streams(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Following_embedded() : Following(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Guarding_with_a_condition_embedded() : Guarding_with_a_condition(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Keeping_events_whole_embedded() : Keeping_events_whole(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Keeping_tenants_apart_embedded() : Keeping_tenants_apart(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Looking_things_up_embedded() : Looking_things_up(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Moving_cursors_embedded() : Moving_cursors(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Racing_to_append_embedded() : Racing_to_append(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Reading_embedded() : Ledgerfold.Testing.Conformance.Reading(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Refusing_bad_input_embedded() : Refusing_bad_input(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Reopening_embedded() : Reopening(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Repeating_an_append_embedded() : Repeating_an_append(new EmbeddedBackend(256L << 20, ReadPlan.Free));

public sealed class Appending_to_streams_over_tiny_segments() : Appending_to_streams(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Behaving_like_the_model_over_tiny_segments() : Behaving_like_the_model(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Checking_in_order_over_tiny_segments() : Checking_in_order(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Closing_streams_over_tiny_segments() : Closing_streams(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Following_over_tiny_segments() : Following(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Guarding_with_a_condition_over_tiny_segments() : Guarding_with_a_condition(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Keeping_events_whole_over_tiny_segments() : Keeping_events_whole(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Keeping_tenants_apart_over_tiny_segments() : Keeping_tenants_apart(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Looking_things_up_over_tiny_segments() : Looking_things_up(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Moving_cursors_over_tiny_segments() : Moving_cursors(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Racing_to_append_over_tiny_segments() : Racing_to_append(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Reading_over_tiny_segments() : Ledgerfold.Testing.Conformance.Reading(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Refusing_bad_input_over_tiny_segments() : Refusing_bad_input(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Reopening_over_tiny_segments() : Reopening(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Repeating_an_append_over_tiny_segments() : Repeating_an_append(new EmbeddedBackend(8 << 10, ReadPlan.Free));

public sealed class Behaving_like_the_model_by_index_alone() : Behaving_like_the_model(new EmbeddedBackend(8 << 10, ReadPlan.Index));

public sealed class Behaving_like_the_model_by_scan_alone() : Behaving_like_the_model(new EmbeddedBackend(8 << 10, ReadPlan.Scan));

public sealed class Reading_by_index_alone() : Ledgerfold.Testing.Conformance.Reading(new EmbeddedBackend(8 << 10, ReadPlan.Index));

public sealed class Reading_by_scan_alone() : Ledgerfold.Testing.Conformance.Reading(new EmbeddedBackend(8 << 10, ReadPlan.Scan));

public sealed class Following_by_index_alone() : Following(new EmbeddedBackend(8 << 10, ReadPlan.Index));

public sealed class Following_by_scan_alone() : Following(new EmbeddedBackend(8 << 10, ReadPlan.Scan));

public sealed class Keeping_tenants_apart_by_index_alone() : Keeping_tenants_apart(new EmbeddedBackend(8 << 10, ReadPlan.Index));

public sealed class Keeping_tenants_apart_by_scan_alone() : Keeping_tenants_apart(new EmbeddedBackend(8 << 10, ReadPlan.Scan));
