namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The disk failed in a read of a table, which changes nothing: what reads and what writes must be told apart where both are done, because
/// a failed write ends the writer.
/// </summary>
internal sealed class TableUnreadableException(IOException failure) : IOException(failure.Message, failure);
