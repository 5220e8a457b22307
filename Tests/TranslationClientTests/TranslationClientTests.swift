// TranslationClientTests
