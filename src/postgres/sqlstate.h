#pragma once

#include <string_view>

/// PostgreSQL's SQLSTATEs by their condition names (its manual, appendix A).
namespace weir::postgres::sqlstate {

// Class 00 - Successful Completion
inline constexpr std::string_view kSuccessfulCompletion = "00000";

// Class 01 - Warning
inline constexpr std::string_view kWarning = "01000";
inline constexpr std::string_view kDynamicResultSetsReturned = "0100C";
inline constexpr std::string_view kImplicitZeroBitPadding = "01008";
inline constexpr std::string_view kNullValueEliminatedInSetFunction = "01003";
inline constexpr std::string_view kPrivilegeNotGranted = "01007";
inline constexpr std::string_view kPrivilegeNotRevoked = "01006";
inline constexpr std::string_view kWarningStringDataRightTruncation = "01004";
inline constexpr std::string_view kDeprecatedFeature = "01P01";

// Class 02 - No Data (this is also a warning class per the SQL standard)
inline constexpr std::string_view kNoData = "02000";
inline constexpr std::string_view kNoAdditionalDynamicResultSetsReturned = "02001";

// Class 03 - SQL Statement Not Yet Complete
inline constexpr std::string_view kSqlStatementNotYetComplete = "03000";

// Class 08 - Connection Exception
inline constexpr std::string_view kConnectionException = "08000";
inline constexpr std::string_view kConnectionDoesNotExist = "08003";
inline constexpr std::string_view kConnectionFailure = "08006";
inline constexpr std::string_view kSqlclientUnableToEstablishSqlconnection = "08001";
inline constexpr std::string_view kSqlserverRejectedEstablishmentOfSqlconnection = "08004";
inline constexpr std::string_view kTransactionResolutionUnknown = "08007";
inline constexpr std::string_view kProtocolViolation = "08P01";

// Class 09 - Triggered Action Exception
inline constexpr std::string_view kTriggeredActionException = "09000";

// Class 0A - Feature Not Supported
inline constexpr std::string_view kFeatureNotSupported = "0A000";

// Class 0B - Invalid Transaction Initiation
inline constexpr std::string_view kInvalidTransactionInitiation = "0B000";

// Class 0F - Locator Exception
inline constexpr std::string_view kLocatorException = "0F000";
inline constexpr std::string_view kInvalidLocatorSpecification = "0F001";

// Class 0L - Invalid Grantor
inline constexpr std::string_view kInvalidGrantor = "0L000";
inline constexpr std::string_view kInvalidGrantOperation = "0LP01";

// Class 0P - Invalid Role Specification
inline constexpr std::string_view kInvalidRoleSpecification = "0P000";

// Class 0Z - Diagnostics Exception
inline constexpr std::string_view kDiagnosticsException = "0Z000";
inline constexpr std::string_view kStackedDiagnosticsAccessedWithoutActiveHandler = "0Z002";

// Class 20 - Case Not Found
inline constexpr std::string_view kCaseNotFound = "20000";

// Class 21 - Cardinality Violation
inline constexpr std::string_view kCardinalityViolation = "21000";

// Class 22 - Data Exception
inline constexpr std::string_view kDataException = "22000";
inline constexpr std::string_view kArrayElementError = "2202E";
inline constexpr std::string_view kArraySubscriptError = "2202E";
inline constexpr std::string_view kCharacterNotInRepertoire = "22021";
inline constexpr std::string_view kDatetimeFieldOverflow = "22008";
inline constexpr std::string_view kDatetimeValueOutOfRange = "22008";
inline constexpr std::string_view kDivisionByZero = "22012";
inline constexpr std::string_view kErrorInAssignment = "22005";
inline constexpr std::string_view kEscapeCharacterConflict = "2200B";
inline constexpr std::string_view kIndicatorOverflow = "22022";
inline constexpr std::string_view kIntervalFieldOverflow = "22015";
inline constexpr std::string_view kInvalidArgumentForLogarithm = "2201E";
inline constexpr std::string_view kInvalidArgumentForNtileFunction = "22014";
inline constexpr std::string_view kInvalidArgumentForNthValueFunction = "22016";
inline constexpr std::string_view kInvalidArgumentForPowerFunction = "2201F";
inline constexpr std::string_view kInvalidArgumentForWidthBucketFunction = "2201G";
inline constexpr std::string_view kInvalidCharacterValueForCast = "22018";
inline constexpr std::string_view kInvalidDatetimeFormat = "22007";
inline constexpr std::string_view kInvalidEscapeCharacter = "22019";
inline constexpr std::string_view kInvalidEscapeOctet = "2200D";
inline constexpr std::string_view kInvalidEscapeSequence = "22025";
inline constexpr std::string_view kNonstandardUseOfEscapeCharacter = "22P06";
inline constexpr std::string_view kInvalidIndicatorParameterValue = "22010";
inline constexpr std::string_view kInvalidParameterValue = "22023";
inline constexpr std::string_view kInvalidPrecedingOrFollowingSize = "22013";
inline constexpr std::string_view kInvalidRegularExpression = "2201B";
inline constexpr std::string_view kInvalidRowCountInLimitClause = "2201W";
inline constexpr std::string_view kInvalidRowCountInResultOffsetClause = "2201X";
inline constexpr std::string_view kInvalidTablesampleArgument = "2202H";
inline constexpr std::string_view kInvalidTablesampleRepeat = "2202G";
inline constexpr std::string_view kInvalidTimeZoneDisplacementValue = "22009";
inline constexpr std::string_view kInvalidUseOfEscapeCharacter = "2200C";
inline constexpr std::string_view kMostSpecificTypeMismatch = "2200G";
inline constexpr std::string_view kNullValueNotAllowed = "22004";
inline constexpr std::string_view kNullValueNoIndicatorParameter = "22002";
inline constexpr std::string_view kNumericValueOutOfRange = "22003";
inline constexpr std::string_view kSequenceGeneratorLimitExceeded = "2200H";
inline constexpr std::string_view kStringDataLengthMismatch = "22026";
inline constexpr std::string_view kStringDataRightTruncation = "22001";
inline constexpr std::string_view kSubstringError = "22011";
inline constexpr std::string_view kTrimError = "22027";
inline constexpr std::string_view kUnterminatedCString = "22024";
inline constexpr std::string_view kZeroLengthCharacterString = "2200F";
inline constexpr std::string_view kFloatingPointException = "22P01";
inline constexpr std::string_view kInvalidTextRepresentation = "22P02";
inline constexpr std::string_view kInvalidBinaryRepresentation = "22P03";
inline constexpr std::string_view kBadCopyFileFormat = "22P04";
inline constexpr std::string_view kUntranslatableCharacter = "22P05";
inline constexpr std::string_view kDatumVersionMismatch = "22P07";
inline constexpr std::string_view kNotAnXmlDocument = "2200L";
inline constexpr std::string_view kInvalidXmlDocument = "2200M";
inline constexpr std::string_view kInvalidXmlContent = "2200N";
inline constexpr std::string_view kInvalidXmlComment = "2200S";
inline constexpr std::string_view kInvalidXmlProcessingInstruction = "2200T";
inline constexpr std::string_view kDuplicateJsonObjectKeyValue = "22030";
inline constexpr std::string_view kInvalidArgumentForSqlJsonDatetimeFunction = "22031";
inline constexpr std::string_view kInvalidJsonText = "22032";
inline constexpr std::string_view kInvalidSqlJsonSubscript = "22033";
inline constexpr std::string_view kMoreThanOneSqlJsonItem = "22034";
inline constexpr std::string_view kNoSqlJsonItem = "22035";
inline constexpr std::string_view kNonNumericSqlJsonItem = "22036";
inline constexpr std::string_view kNonUniqueKeysInAJsonObject = "22037";
inline constexpr std::string_view kSingletonSqlJsonItemRequired = "22038";
inline constexpr std::string_view kSqlJsonArrayNotFound = "22039";
inline constexpr std::string_view kSqlJsonMemberNotFound = "2203A";
inline constexpr std::string_view kSqlJsonNumberNotFound = "2203B";
inline constexpr std::string_view kSqlJsonObjectNotFound = "2203C";
inline constexpr std::string_view kTooManyJsonArrayElements = "2203D";
inline constexpr std::string_view kTooManyJsonObjectMembers = "2203E";
inline constexpr std::string_view kSqlJsonScalarRequired = "2203F";
inline constexpr std::string_view kSqlJsonItemCannotBeCastToTargetType = "2203G";

// Class 23 - Integrity Constraint Violation
inline constexpr std::string_view kIntegrityConstraintViolation = "23000";
inline constexpr std::string_view kRestrictViolation = "23001";
inline constexpr std::string_view kNotNullViolation = "23502";
inline constexpr std::string_view kForeignKeyViolation = "23503";
inline constexpr std::string_view kUniqueViolation = "23505";
inline constexpr std::string_view kCheckViolation = "23514";
inline constexpr std::string_view kExclusionViolation = "23P01";

// Class 24 - Invalid Cursor State
inline constexpr std::string_view kInvalidCursorState = "24000";

// Class 25 - Invalid Transaction State
inline constexpr std::string_view kInvalidTransactionState = "25000";
inline constexpr std::string_view kActiveSqlTransaction = "25001";
inline constexpr std::string_view kBranchTransactionAlreadyActive = "25002";
inline constexpr std::string_view kHeldCursorRequiresSameIsolationLevel = "25008";
inline constexpr std::string_view kInappropriateAccessModeForBranchTransaction = "25003";
inline constexpr std::string_view kInappropriateIsolationLevelForBranchTransaction = "25004";
inline constexpr std::string_view kNoActiveSqlTransactionForBranchTransaction = "25005";
inline constexpr std::string_view kReadOnlySqlTransaction = "25006";
inline constexpr std::string_view kSchemaAndDataStatementMixingNotSupported = "25007";
inline constexpr std::string_view kNoActiveSqlTransaction = "25P01";
inline constexpr std::string_view kInFailedSqlTransaction = "25P02";
inline constexpr std::string_view kIdleInTransactionSessionTimeout = "25P03";

// Class 26 - Invalid SQL Statement Name
inline constexpr std::string_view kInvalidSqlStatementName = "26000";

// Class 27 - Triggered Data Change Violation
inline constexpr std::string_view kTriggeredDataChangeViolation = "27000";

// Class 28 - Invalid Authorization Specification
inline constexpr std::string_view kInvalidAuthorizationSpecification = "28000";
inline constexpr std::string_view kInvalidPassword = "28P01";

// Class 2B - Dependent Privilege Descriptors Still Exist
inline constexpr std::string_view kDependentPrivilegeDescriptorsStillExist = "2B000";
inline constexpr std::string_view kDependentObjectsStillExist = "2BP01";

// Class 2D - Invalid Transaction Termination
inline constexpr std::string_view kInvalidTransactionTermination = "2D000";

// Class 2F - SQL Routine Exception
inline constexpr std::string_view kSqlRoutineException = "2F000";
inline constexpr std::string_view kFunctionExecutedNoReturnStatement = "2F005";
inline constexpr std::string_view kModifyingSqlDataNotPermitted = "2F002";
inline constexpr std::string_view kProhibitedSqlStatementAttempted = "2F003";
inline constexpr std::string_view kReadingSqlDataNotPermitted = "2F004";

// Class 34 - Invalid Cursor Name
inline constexpr std::string_view kInvalidCursorName = "34000";

// Class 38 - External Routine Exception
inline constexpr std::string_view kExternalRoutineException = "38000";
inline constexpr std::string_view kContainingSqlNotPermitted = "38001";
inline constexpr std::string_view kExternalRoutineModifyingSqlDataNotPermitted = "38002";
inline constexpr std::string_view kExternalRoutineProhibitedSqlStatementAttempted = "38003";
inline constexpr std::string_view kExternalRoutineReadingSqlDataNotPermitted = "38004";

// Class 39 - External Routine Invocation Exception
inline constexpr std::string_view kExternalRoutineInvocationException = "39000";
inline constexpr std::string_view kInvalidSqlstateReturned = "39001";
inline constexpr std::string_view kExternalRoutineInvocationNullValueNotAllowed = "39004";
inline constexpr std::string_view kTriggerProtocolViolated = "39P01";
inline constexpr std::string_view kSrfProtocolViolated = "39P02";
inline constexpr std::string_view kEventTriggerProtocolViolated = "39P03";

// Class 3B - Savepoint Exception
inline constexpr std::string_view kSavepointException = "3B000";
inline constexpr std::string_view kInvalidSavepointSpecification = "3B001";

// Class 3D - Invalid Catalog Name
inline constexpr std::string_view kInvalidCatalogName = "3D000";

// Class 3F - Invalid Schema Name
inline constexpr std::string_view kInvalidSchemaName = "3F000";

// Class 40 - Transaction Rollback
inline constexpr std::string_view kTransactionRollback = "40000";
inline constexpr std::string_view kTransactionIntegrityConstraintViolation = "40002";
inline constexpr std::string_view kSerializationFailure = "40001";
inline constexpr std::string_view kStatementCompletionUnknown = "40003";
inline constexpr std::string_view kDeadlockDetected = "40P01";

// Class 42 - Syntax Error or Access Rule Violation
inline constexpr std::string_view kSyntaxErrorOrAccessRuleViolation = "42000";
inline constexpr std::string_view kSyntaxError = "42601";
inline constexpr std::string_view kInsufficientPrivilege = "42501";
inline constexpr std::string_view kCannotCoerce = "42846";
inline constexpr std::string_view kGroupingError = "42803";
inline constexpr std::string_view kWindowingError = "42P20";
inline constexpr std::string_view kInvalidRecursion = "42P19";
inline constexpr std::string_view kInvalidForeignKey = "42830";
inline constexpr std::string_view kInvalidName = "42602";
inline constexpr std::string_view kNameTooLong = "42622";
inline constexpr std::string_view kReservedName = "42939";
inline constexpr std::string_view kDatatypeMismatch = "42804";
inline constexpr std::string_view kIndeterminateDatatype = "42P18";
inline constexpr std::string_view kCollationMismatch = "42P21";
inline constexpr std::string_view kIndeterminateCollation = "42P22";
inline constexpr std::string_view kWrongObjectType = "42809";
inline constexpr std::string_view kGeneratedAlways = "428C9";
inline constexpr std::string_view kUndefinedColumn = "42703";
inline constexpr std::string_view kUndefinedCursor = "34000";
inline constexpr std::string_view kUndefinedDatabase = "3D000";
inline constexpr std::string_view kUndefinedFunction = "42883";
inline constexpr std::string_view kUndefinedPstatement = "26000";
inline constexpr std::string_view kUndefinedSchema = "3F000";
inline constexpr std::string_view kUndefinedTable = "42P01";
inline constexpr std::string_view kUndefinedParameter = "42P02";
inline constexpr std::string_view kUndefinedObject = "42704";
inline constexpr std::string_view kDuplicateColumn = "42701";
inline constexpr std::string_view kDuplicateCursor = "42P03";
inline constexpr std::string_view kDuplicateDatabase = "42P04";
inline constexpr std::string_view kDuplicateFunction = "42723";
inline constexpr std::string_view kDuplicatePreparedStatement = "42P05";
inline constexpr std::string_view kDuplicateSchema = "42P06";
inline constexpr std::string_view kDuplicateTable = "42P07";
inline constexpr std::string_view kDuplicateAlias = "42712";
inline constexpr std::string_view kDuplicateObject = "42710";
inline constexpr std::string_view kAmbiguousColumn = "42702";
inline constexpr std::string_view kAmbiguousFunction = "42725";
inline constexpr std::string_view kAmbiguousParameter = "42P08";
inline constexpr std::string_view kAmbiguousAlias = "42P09";
inline constexpr std::string_view kInvalidColumnReference = "42P10";
inline constexpr std::string_view kInvalidColumnDefinition = "42611";
inline constexpr std::string_view kInvalidCursorDefinition = "42P11";
inline constexpr std::string_view kInvalidDatabaseDefinition = "42P12";
inline constexpr std::string_view kInvalidFunctionDefinition = "42P13";
inline constexpr std::string_view kInvalidPreparedStatementDefinition = "42P14";
inline constexpr std::string_view kInvalidSchemaDefinition = "42P15";
inline constexpr std::string_view kInvalidTableDefinition = "42P16";
inline constexpr std::string_view kInvalidObjectDefinition = "42P17";

// Class 44 - WITH CHECK OPTION Violation
inline constexpr std::string_view kWithCheckOptionViolation = "44000";

// Class 53 - Insufficient Resources
inline constexpr std::string_view kInsufficientResources = "53000";
inline constexpr std::string_view kDiskFull = "53100";
inline constexpr std::string_view kOutOfMemory = "53200";
inline constexpr std::string_view kTooManyConnections = "53300";
inline constexpr std::string_view kConfigurationLimitExceeded = "53400";

// Class 54 - Program Limit Exceeded
inline constexpr std::string_view kProgramLimitExceeded = "54000";
inline constexpr std::string_view kStatementTooComplex = "54001";
inline constexpr std::string_view kTooManyColumns = "54011";
inline constexpr std::string_view kTooManyArguments = "54023";

// Class 55 - Object Not In Prerequisite State
inline constexpr std::string_view kObjectNotInPrerequisiteState = "55000";
inline constexpr std::string_view kObjectInUse = "55006";
inline constexpr std::string_view kCantChangeRuntimeParam = "55P02";
inline constexpr std::string_view kLockNotAvailable = "55P03";
inline constexpr std::string_view kUnsafeNewEnumValueUsage = "55P04";

// Class 57 - Operator Intervention
inline constexpr std::string_view kOperatorIntervention = "57000";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kAdminShutdown = "57P01";
inline constexpr std::string_view kCrashShutdown = "57P02";
inline constexpr std::string_view kCannotConnectNow = "57P03";
inline constexpr std::string_view kDatabaseDropped = "57P04";
inline constexpr std::string_view kIdleSessionTimeout = "57P05";

// Class 58 - System Error (errors external to PostgreSQL itself)
inline constexpr std::string_view kSystemError = "58000";
inline constexpr std::string_view kIoError = "58030";
inline constexpr std::string_view kUndefinedFile = "58P01";
inline constexpr std::string_view kDuplicateFile = "58P02";

// Class 72 - Snapshot Failure
inline constexpr std::string_view kSnapshotTooOld = "72000";

// Class F0 - Configuration File Error
inline constexpr std::string_view kConfigFileError = "F0000";
inline constexpr std::string_view kLockFileExists = "F0001";

// Class HV - Foreign Data Wrapper Error (SQL/MED)
inline constexpr std::string_view kFdwError = "HV000";
inline constexpr std::string_view kFdwColumnNameNotFound = "HV005";
inline constexpr std::string_view kFdwDynamicParameterValueNeeded = "HV002";
inline constexpr std::string_view kFdwFunctionSequenceError = "HV010";
inline constexpr std::string_view kFdwInconsistentDescriptorInformation = "HV021";
inline constexpr std::string_view kFdwInvalidAttributeValue = "HV024";
inline constexpr std::string_view kFdwInvalidColumnName = "HV007";
inline constexpr std::string_view kFdwInvalidColumnNumber = "HV008";
inline constexpr std::string_view kFdwInvalidDataType = "HV004";
inline constexpr std::string_view kFdwInvalidDataTypeDescriptors = "HV006";
inline constexpr std::string_view kFdwInvalidDescriptorFieldIdentifier = "HV091";
inline constexpr std::string_view kFdwInvalidHandle = "HV00B";
inline constexpr std::string_view kFdwInvalidOptionIndex = "HV00C";
inline constexpr std::string_view kFdwInvalidOptionName = "HV00D";
inline constexpr std::string_view kFdwInvalidStringLengthOrBufferLength = "HV090";
inline constexpr std::string_view kFdwInvalidStringFormat = "HV00A";
inline constexpr std::string_view kFdwInvalidUseOfNullPointer = "HV009";
inline constexpr std::string_view kFdwTooManyHandles = "HV014";
inline constexpr std::string_view kFdwOutOfMemory = "HV001";
inline constexpr std::string_view kFdwNoSchemas = "HV00P";
inline constexpr std::string_view kFdwOptionNameNotFound = "HV00J";
inline constexpr std::string_view kFdwReplyHandle = "HV00K";
inline constexpr std::string_view kFdwSchemaNotFound = "HV00Q";
inline constexpr std::string_view kFdwTableNotFound = "HV00R";
inline constexpr std::string_view kFdwUnableToCreateExecution = "HV00L";
inline constexpr std::string_view kFdwUnableToCreateReply = "HV00M";
inline constexpr std::string_view kFdwUnableToEstablishConnection = "HV00N";

// Class P0 - PL/pgSQL Error
inline constexpr std::string_view kPlpgsqlError = "P0000";
inline constexpr std::string_view kRaiseException = "P0001";
inline constexpr std::string_view kNoDataFound = "P0002";
inline constexpr std::string_view kTooManyRows = "P0003";
inline constexpr std::string_view kAssertFailure = "P0004";

// Class XX - Internal Error
inline constexpr std::string_view kInternalError = "XX000";
inline constexpr std::string_view kDataCorrupted = "XX001";
inline constexpr std::string_view kIndexCorrupted = "XX002";

}  // namespace weir::postgres::sqlstate
