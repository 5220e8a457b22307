// TranslationAPITests
