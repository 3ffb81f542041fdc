using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Testing.Tests.Conformance.Folds;

public sealed class Behaving_like_the_fold_model_in_memory() : Behaving_like_the_fold_model(new MemoryFoldBackend());

public sealed class Keeping_folds_apart_in_memory() : Keeping_folds_apart(new MemoryFoldBackend());

public sealed class Keeping_values_unique_in_memory() : Keeping_values_unique(new MemoryFoldBackend());

public sealed class Reading_rows_in_memory() : Reading_rows(new MemoryFoldBackend());

public sealed class Refusing_bad_batches_in_memory() : Refusing_bad_batches(new MemoryFoldBackend());

public sealed class Reopening_folds_in_memory() : Reopening_folds(new MemoryFoldBackend());

public sealed class Viewing_while_writing_in_memory() : Viewing_while_writing(new MemoryFoldBackend());

public sealed class Writing_rows_in_memory() : Writing_rows(new MemoryFoldBackend());
