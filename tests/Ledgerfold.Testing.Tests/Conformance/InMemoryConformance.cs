using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Testing.Tests.Conformance;

public sealed class Appending_to_streams_in_memory() : Appending_to_streams(new MemoryBackend());

public sealed class Behaving_like_the_model_in_memory() : Behaving_like_the_model(new MemoryBackend());

public sealed class Checking_in_order_in_memory() : Checking_in_order(new MemoryBackend());

public sealed class Closing_streams_in_memory() : Closing_streams(new MemoryBackend());

public sealed class Following_in_memory() : Following(new MemoryBackend());

public sealed class Guarding_with_a_condition_in_memory() : Guarding_with_a_condition(new MemoryBackend());

public sealed class Keeping_events_whole_in_memory() : Keeping_events_whole(new MemoryBackend());

public sealed class Keeping_tenants_apart_in_memory() : Keeping_tenants_apart(new MemoryBackend());

public sealed class Looking_things_up_in_memory() : Looking_things_up(new MemoryBackend());

public sealed class Moving_cursors_in_memory() : Moving_cursors(new MemoryBackend());

public sealed class Racing_to_append_in_memory() : Racing_to_append(new MemoryBackend());

public sealed class Reading_in_memory() : Reading(new MemoryBackend());

public sealed class Refusing_bad_input_in_memory() : Refusing_bad_input(new MemoryBackend());

public sealed class Reopening_in_memory() : Reopening(new MemoryBackend());

public sealed class Repeating_an_append_in_memory() : Repeating_an_append(new MemoryBackend());
