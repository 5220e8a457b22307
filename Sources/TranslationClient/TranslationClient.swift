// TranslationClient
