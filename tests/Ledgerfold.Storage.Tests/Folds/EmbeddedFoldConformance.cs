using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Storage.Tests.Folds;

// As much memory as by default, and so little that most batches end in a table of their own: what holds in memory must hold across files.

public sealed class Behaving_like_the_fold_model_embedded() : Behaving_like_the_fold_model(new EmbeddedFoldBackend(64 << 20));

public sealed class Keeping_folds_apart_embedded() : Keeping_folds_apart(new EmbeddedFoldBackend(64 << 20));

public sealed class Keeping_values_unique_embedded() : Keeping_values_unique(new EmbeddedFoldBackend(64 << 20));

public sealed class Reading_rows_embedded() : Reading_rows(new EmbeddedFoldBackend(64 << 20));

public sealed class Refusing_bad_batches_embedded() : Refusing_bad_batches(new EmbeddedFoldBackend(64 << 20));

public sealed class Reopening_folds_embedded() : Reopening_folds(new EmbeddedFoldBackend(64 << 20));

public sealed class Viewing_while_writing_embedded() : Viewing_while_writing(new EmbeddedFoldBackend(64 << 20));

public sealed class Writing_rows_embedded() : Writing_rows(new EmbeddedFoldBackend(64 << 20));

public sealed class Behaving_like_the_fold_model_with_little_memory() : Behaving_like_the_fold_model(new EmbeddedFoldBackend(4096));

public sealed class Keeping_folds_apart_with_little_memory() : Keeping_folds_apart(new EmbeddedFoldBackend(4096));

public sealed class Keeping_values_unique_with_little_memory() : Keeping_values_unique(new EmbeddedFoldBackend(4096));

public sealed class Reading_rows_with_little_memory() : Reading_rows(new EmbeddedFoldBackend(4096));

public sealed class Refusing_bad_batches_with_little_memory() : Refusing_bad_batches(new EmbeddedFoldBackend(4096));

public sealed class Reopening_folds_with_little_memory() : Reopening_folds(new EmbeddedFoldBackend(4096));

public sealed class Viewing_while_writing_with_little_memory() : Viewing_while_writing(new EmbeddedFoldBackend(4096));

public sealed class Writing_rows_with_little_memory() : Writing_rows(new EmbeddedFoldBackend(4096));
