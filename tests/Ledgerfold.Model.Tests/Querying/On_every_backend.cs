namespace Ledgerfold.Model.Tests.Querying;

public sealed class Asking_for_rows_in_memory() : Asking_for_rows(Backend.InMemory);

public sealed class Asking_for_rows_embedded() : Asking_for_rows(Backend.Embedded);

public sealed class Choosing_consistency_in_memory() : Choosing_consistency(Backend.InMemory);

public sealed class Choosing_consistency_embedded() : Choosing_consistency(Backend.Embedded);
