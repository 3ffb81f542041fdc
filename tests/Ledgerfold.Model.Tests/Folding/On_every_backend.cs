namespace Ledgerfold.Model.Tests.Folding;

// What holds over the models must hold over real stores, and the other way round.

public sealed class Building_a_new_version_in_memory() : Building_a_new_version(Backend.InMemory);

public sealed class Building_a_new_version_embedded() : Building_a_new_version(Backend.Embedded);

public sealed class Folding_at_random_in_memory() : Folding_at_random(Backend.InMemory, seeds: 250);

public sealed class Folding_at_random_embedded() : Folding_at_random(Backend.Embedded, seeds: 60);

public sealed class Holding_a_key_in_memory() : Holding_a_key(Backend.InMemory);

public sealed class Holding_a_key_embedded() : Holding_a_key(Backend.Embedded);

public sealed class Keeping_a_projection_in_memory() : Keeping_a_projection(Backend.InMemory);

public sealed class Keeping_a_projection_embedded() : Keeping_a_projection(Backend.Embedded);

public sealed class Restarting_a_fold_in_memory() : Restarting_a_fold(Backend.InMemory);

public sealed class Restarting_a_fold_embedded() : Restarting_a_fold(Backend.Embedded);
