// A misspelt upcoming feature is accepted without a word and does nothing, so each module asks.
#if !hasFeature(ExistentialAny) || !hasFeature(MemberImportVisibility)
    #error("an upcoming feature of Package.swift is misspelt")
#endif
#if !hasFeature(InternalImportsByDefault) || !hasFeature(NonisolatedNonsendingByDefault)
    #error("an upcoming feature of Package.swift is misspelt")
#endif
#if !hasFeature(InferIsolatedConformances)
    #error("an upcoming feature of Package.swift is misspelt")
#endif
